"""Rows of p2's table: those of dumps/, which a real MariaDB has written, and as
many as a test wants."""

import base64
import csv
import hashlib
import secrets
from collections import namedtuple
from pathlib import Path

DUMPS = Path(__file__).resolve().parents[1] / 'dumps'
COLUMNS = 'service device channel domain token node secret'.split()

Row = namedtuple('Row', COLUMNS)


def dumped():
    """The rows of dumps/p2.sql but for the odd one."""
    with open(DUMPS / 'p2.header.csv', newline='') as dump:
        return [Row(**row) for row in csv.DictReader(dump)]


def base64_of(size):
    return base64.b64encode(secrets.token_bytes(size)).decode()


def new_row(**members):
    """As p2 writes it, of a device that nobody has."""
    return Row(**{'service': 'FCM', 'channel': '', 'domain': 'example.test',
                  'device': hashlib.sha1(secrets.token_bytes(8)).hexdigest(),
                  'token': f'{secrets.token_urlsafe(16)}:APA91b'
                           f'{secrets.token_urlsafe(100)}',
                  'node': base64_of(9), 'secret': base64_of(18), **members})


def write_tab(path, rows):
    """As mysqldump --tab does."""
    path.write_text(''.join('\t'.join(row) + '\n' for row in rows))
    return path
