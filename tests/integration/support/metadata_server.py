"""The metadata server of a machine on Google's cloud: plain HTTP, no key needed,
access tokens of the service account that the machine has. It has them from
Google's token endpoint, here the emulator's."""

import json
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import jwt

TOKEN = '/computeMetadata/v1/instance/service-accounts/default/token'
GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
SCOPE = 'https://www.googleapis.com/auth/firebase.messaging'


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.owner.asked += 1
        if self.headers['Metadata-Flavor'] != 'Google':
            self.answer(403, b'<html>Missing Metadata-Flavor:Google header.')
        elif self.server.owner.status != 200 or self.path != TOKEN:
            self.answer(max(404, self.server.owner.status), b'<html>')
        else:
            self.answer(200, self.server.owner.token())

    def answer(self, status, body):
        self.send_response(status)
        self.send_header('Metadata-Flavor', 'Google')
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


class MetadataServer:
    """Of a machine with the account of `fcm`; `status` 404: it has none."""

    def __init__(self, fcm):
        self.account = json.loads(
            Path(fcm.info['service_account_file']).read_text())
        self.ca_file = fcm.info['ca_file']
        self.status = 200
        self.asked = 0
        self.http = ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        self.http.owner = self
        self.url = f'http://127.0.0.1:{self.http.server_port}'
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def token(self):
        now = int(time.time())
        account = self.account
        assertion = jwt.encode(
            {'iss': account['client_email'], 'scope': SCOPE,
             'aud': account['token_uri'], 'iat': now, 'exp': now + 3600},
            account['private_key'], 'RS256',
            {'kid': account['private_key_id']})
        return subprocess.run(
            ['curl', '--silent', '--fail', '--http2', '--cacert', self.ca_file,
             '--data-urlencode', f'grant_type={GRANT}',
             '--data-urlencode', f'assertion={assertion}',
             account['token_uri']],
            check=True, stdout=subprocess.PIPE, timeout=10).stdout

    def stop(self):
        self.http.shutdown()
        self.http.server_close()
