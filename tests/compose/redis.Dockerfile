# Stands in for the image redis:7.2-bookworm where no registry is reached: the
# same user and the same place for the data, with Debian's Redis.
FROM debian:bookworm-slim
RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y \
        --no-install-recommends redis-server \
    && apt-get clean && rm -rf /var/lib/apt/lists/* \
    && install -d -o 999 -g 999 /data
VOLUME /data
WORKDIR /data
