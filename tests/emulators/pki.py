#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Throw-away keys and certificates for the emulators.

One directory plays all the consoles in which a developer gets credentials:
what lies there, the emulators accept. What is there already is kept, so any
number of processes may share a directory and start at the same time."""

import argparse
import contextlib
import datetime
import fcntl
import ipaddress
import json
import os
import pathlib

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

TEAM_ID = "WAKEBUSTST"

# An account has two keys, as while one is being replaced by the next.
KEY_IDS = ["WAKEBUSKY1", "WAKEBUSKY2"]

P12_PASSWORD = "wakebus-test"

LIFETIME = datetime.timedelta(days=365)


# --- files

def write(path, content, secret=False):
    """In one step, so that a reader sees the old file or the new one."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.unlink(missing_ok=True)
    mode = 0o600 if secret else 0o644
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode),
                   "wb") as file:
        file.write(content)
    beside.rename(path)


@contextlib.contextmanager
def locked(directory):
    """Only one process at a time looks what is missing and makes it."""
    directory.mkdir(parents=True, exist_ok=True)
    with open(directory / ".lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def pem(key):
    return key.private_bytes(serialization.Encoding.PEM,
                             serialization.PrivateFormat.PKCS8,
                             serialization.NoEncryption())


def certificate_pem(certificate):
    return certificate.public_bytes(serialization.Encoding.PEM)


def load_key(path):
    return serialization.load_pem_private_key(path.read_bytes(), None)


def load_certificate(path):
    return x509.load_pem_x509_certificate(path.read_bytes())


# --- certificates

def certify(subject, key, issuer, issuer_key, *extensions):
    """extensions: pairs of an extension and whether it is critical."""
    now = datetime.datetime.utcnow()
    builder = (x509.CertificateBuilder()
               .subject_name(subject).issuer_name(issuer)
               .public_key(key.public_key())
               .serial_number(x509.random_serial_number())
               .not_valid_before(now - datetime.timedelta(hours=1))
               .not_valid_after(now + LIFETIME))
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    return builder.sign(issuer_key, hashes.SHA256())


def common_name(text):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def key_usage(**allowed):
    usages = ("digital_signature content_commitment key_encipherment "
              "data_encipherment key_agreement key_cert_sign crl_sign "
              "encipher_only decipher_only").split()
    return x509.KeyUsage(**{usage: usage in allowed for usage in usages})


def make_ca(directory):
    if (directory / "ca.pem").exists():
        return
    key = ec.generate_private_key(ec.SECP256R1())
    name = common_name("Wakebus test CA")
    certificate = certify(
        name, key, name, key,
        (x509.BasicConstraints(ca=True, path_length=0), True),
        (key_usage(key_cert_sign=True, crl_sign=True), True),
        (x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False))
    write(directory / "ca-key.pem", pem(key), secret=True)
    write(directory / "ca.pem", certificate_pem(certificate))


def issue(directory, subject, key, *extensions):
    """A certificate of the directory's CA."""
    ca = load_certificate(directory / "ca.pem")
    ca_key = load_key(directory / "ca-key.pem")
    return certify(
        subject, key, ca.subject, ca_key,
        (x509.BasicConstraints(ca=False, path_length=None), True),
        (key_usage(digital_signature=True), True),
        (x509.AuthorityKeyIdentifier.from_issuer_public_key(
            ca_key.public_key()), False),
        *extensions)


def alternative_name(host):
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def make_server(directory, names):
    """server.pem: key and certificate in one file. A name that it does not
    cover yet is added to those it does."""
    path = directory / "server.pem"
    wanted = [alternative_name(name)
              for name in ["127.0.0.1", "localhost", *names]]
    if path.exists():
        covered = load_certificate(path).extensions.get_extension_for_class(
            x509.SubjectAlternativeName).value
        if all(name in list(covered) for name in wanted):
            return
        wanted = list(dict.fromkeys([*covered, *wanted]))
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = issue(
        directory, common_name("Wakebus emulator"), key,
        (x509.SubjectAlternativeName(wanted), False),
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False))
    write(path, pem(key) + certificate_pem(certificate), secret=True)


# --- Apple's console

def apns_key_file(directory, key_id):
    return directory / f"AuthKey_{key_id}.p8"


def make_apns_keys(directory):
    for key_id in KEY_IDS:
        path = apns_key_file(directory, key_id)
        if not path.exists():
            write(path, pem(ec.generate_private_key(ec.SECP256R1())),
                  secret=True)


def make_client(directory, topic):
    """The push certificate of the app `topic`: PEM, its key, and both as
    PKCS #12 in the encryption that OpenSSL 3 reads without its legacy
    provider."""
    path = directory / "apns-client.pem"
    if path.exists():
        return
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    certificate = issue(
        directory,
        x509.Name([x509.NameAttribute(NameOID.USER_ID, topic),
                   x509.NameAttribute(NameOID.COMMON_NAME,
                                      f"Apple Push Services: {topic}")]),
        key,
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), True))
    encryption = (serialization.PrivateFormat.PKCS12.encryption_builder()
                  .kdf_rounds(20_000)
                  .key_cert_algorithm(pkcs12.PBES.PBESv2SHA256AndAES256CBC)
                  .hmac_hash(hashes.SHA256())
                  .build(P12_PASSWORD.encode()))
    write(directory / "apns-client.p12", pkcs12.serialize_key_and_certificates(
        topic.encode(), key, certificate, None, encryption), secret=True)
    write(directory / "apns-client-key.pem", pem(key), secret=True)
    write(path, certificate_pem(certificate))


# --- Google's console

def service_account_files(directory, project):
    return [directory / f"service-account-{project}{suffix}.json"
            for suffix in ("", "-next")]


def make_service_account(directory, project, token_uri):
    """The two key files of a project's account. The keys stay; `token_uri`
    is where the emulator happens to serve."""
    directory = pathlib.Path(directory)
    with locked(directory):
        for key_number, path in enumerate(
                service_account_files(directory, project), 1):
            if path.exists():
                account = json.loads(path.read_text())
                if account["token_uri"] == token_uri:
                    continue
            else:
                key = rsa.generate_private_key(public_exponent=65537,
                                               key_size=2048)
                account = {
                    "type": "service_account",
                    "project_id": project,
                    "private_key_id": f"{key_number:040x}",
                    "private_key": pem(key).decode(),
                    "client_email":
                        f"wakebus@{project}.iam.gserviceaccount.com",
                    "client_id": "100000000000000000001"}
            account["token_uri"] = token_uri
            write(path, json.dumps(account, indent=2).encode(), secret=True)


# --- all of it

def make(directory, names=(), topic="org.example.app"):
    """Make what is missing, except for the service accounts: those need the
    address of their token endpoint."""
    directory = pathlib.Path(directory)
    with locked(directory):
        make_ca(directory)
        make_server(directory, names)
        make_apns_keys(directory)
        make_client(directory, topic)


def main():
    parser = argparse.ArgumentParser(
        description="Make throw-away keys and certificates for the emulators. "
                    "What is there already is kept.")
    add = parser.add_argument
    add("--dir", required=True, metavar="DIR", help="made if missing")
    add("--name", action="append", default=[], metavar="HOST",
        help="one more name for the server's certificate, besides 127.0.0.1 "
             "and localhost; may be repeated")
    add("--topic", default="org.example.app",
        help="the app of the APNs client certificate (default: %(default)s)")
    add("--project", action="append", default=[],
        metavar="ID",
        help="make the service account of this FCM project; may be repeated")
    add("--token-uri", metavar="URL", help="its token endpoint")
    options = parser.parse_args()
    if options.project and not options.token_uri:
        parser.error("--project needs --token-uri")
    make(options.dir, options.name, options.topic)
    for project in options.project:
        make_service_account(options.dir, project, options.token_uri)


if __name__ == "__main__":
    main()
