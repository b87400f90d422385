"""FCM and APNs played by nginx: TLS, HTTP/2, and the same answer to everybody.
What limits a bench must be what is measured and not a toy that was built for
it."""

import json
import sys
import urllib.request
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TESTS / 'emulators'))

import pki  # noqa: E402

from support.process import Process, free_port  # noqa: E402

PROJECT = 'wakebus-load'
TOPIC = 'org.example.app'
SEND = f'/v1/projects/{PROJECT}/messages:send'

# One process, which the kernel ends with the bench, however that ends: a worker
# would outlive its master.
# A provider reads the message before it answers. nginx does not if it has the
# answer anyway (and libcurl 7.88 then now and then waits for all the time that
# it has, see test_early_answer.py, and the bare loop has no limit, when that
# answer is empty): `mirror` makes it read, and the POST that no file takes then
# gets the fixed answer. The counter is read over a port of its own, so that
# h2load and libcurl see nothing but HTTP/2.
CONFIG = '''
daemon off;
master_process off;
pid {directory}/nginx.pid;
error_log stderr error;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path {directory}/body;
    proxy_temp_path {directory}/proxy;
    fastcgi_temp_path {directory}/fastcgi;
    uwsgi_temp_path {directory}/uwsgi;
    scgi_temp_path {directory}/scgi;
    keepalive_requests 1000000000;
    keepalive_time 1d;
    http2_max_concurrent_streams 1000;
    server {{
        listen 127.0.0.1:{port} ssl http2;
        ssl_protocols TLSv1.2 TLSv1.3;
        ssl_certificate {credentials}/server.pem;
        ssl_certificate_key {credentials}/server.pem;
        location = /token {{
            default_type application/json;
            return 200 '{token}';
        }}
        location = {send} {{
            alias {directory}/nginx.conf;
            mirror /read;
            error_page 405 =200 @fcm;
        }}
        location ~ ^/3/device/ {{
            alias {directory}/nginx.conf;
            mirror /read;
            error_page 405 =200 @apns;
        }}
        location = /read {{
            internal;
            return 204;
        }}
        location @fcm {{
            default_type application/json;
            return 200 '{{"name":"projects/{project}/messages/1"}}';
        }}
        location @apns {{
            return 200 '';
        }}
    }}
    server {{
        listen 127.0.0.1:{counter};
        location = /requests {{ stub_status; }}
    }}
}}
'''
TOKEN = {'access_token': 'ya29.' + 220 * 'x', 'expires_in': 3599,
         'token_type': 'Bearer'}


class Provider:
    """One nginx for both. `fcm` and `apns` are what Wakebus needs to know of
    it."""

    def __init__(self, scratch):
        self.port = free_port()
        self.url = f'https://127.0.0.1:{self.port}'
        self._counter = free_port()
        self._seen = 0
        self.directory = scratch / 'nginx'
        self.directory.mkdir()
        self.credentials = scratch / 'credentials'
        pki.make(self.credentials, topic=TOPIC)
        pki.make_service_account(self.credentials, PROJECT,
                                 f'{self.url}/token')
        self.ca_file = self.credentials / 'ca.pem'
        config = self.directory / 'nginx.conf'
        config.write_text(CONFIG.format(
            directory=self.directory, credentials=self.credentials,
            port=self.port, counter=self._counter, send=SEND,
            project=PROJECT, token=json.dumps(TOKEN)))
        self.process = Process(['/usr/sbin/nginx', '-p', self.directory,
                                '-c', config], self.directory / 'log')
        self.process.wait_until(self._answers, 'nginx answers')
        self._seen = self._requests()

    def _answers(self):
        try:
            return self._requests() > 0
        except OSError:
            return False

    def _requests(self):
        """How many it has had, this one included."""
        with urllib.request.urlopen(
                f'http://127.0.0.1:{self._counter}/requests') as answer:
            return int(answer.read().split()[9])

    def requests(self):
        """How many came since the last time."""
        before, self._seen = self._seen, self._requests()
        return self._seen - before - 1

    @property
    def pids(self):
        return [self.process.pid]

    def sections(self):
        """Of the configuration of Wakebus."""
        ca_file = str(self.ca_file)
        account = pki.service_account_files(self.credentials, PROJECT)[0]
        key = pki.apns_key_file(self.credentials, pki.KEY_IDS[0])
        return {
            'fcm': {'base_url': self.url, 'ca_file': ca_file},
            'apns': {'production_url': self.url, 'ca_file': ca_file},
            'apps': {
                'android': {'backend': 'fcm',
                            'service_account_file': str(account)},
                'ios': {'backend': 'apns', 'topic': TOPIC,
                        'key_file': str(key), 'key_id': pki.KEY_IDS[0],
                        'team_id': pki.TEAM_ID}}}

    def stop(self):
        self.process.stop()
