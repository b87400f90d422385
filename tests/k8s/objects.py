# SPDX-License-Identifier: BSD-3-Clause
"""What kustomize renders, and how to find one's way in it."""

import os
import subprocess
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
K8S = ROOT / 'deploy/k8s'
BIN = Path(os.environ.get('TEST_BIN_DIR', ROOT / 'build/dev/bin'))

ROLES = ('xmpp-frontend', 'registry', 'fcm-sender', 'apns-sender')


def render(folder):
    """The objects of a kustomization. A warning is a fault: it says that what
    is used will not be there for long."""
    done = subprocess.run(['kubectl', 'kustomize', folder],
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stderr == '', done.stderr
    return list(yaml.safe_load_all(done.stdout))


def label(thing):
    return f"{thing['kind']} {thing['metadata']['name']}"


def of_kind(objects, *kinds):
    return [thing for thing in objects if thing['kind'] in kinds]


def find(objects, kind, name):
    """The object, or None."""
    return next((thing for thing in of_kind(objects, kind)
                 if thing['metadata']['name'] == name), None)


def workloads(objects):
    return of_kind(objects, 'Deployment', 'StatefulSet', 'DaemonSet', 'Job',
                   'CronJob', 'ReplicaSet', 'Pod')


def pod_labels(workload):
    return workload['spec']['template']['metadata']['labels']


def pod(workload):
    return workload['spec']['template']['spec']


def containers(workload):
    """Of all kinds."""
    spec = pod(workload)
    return spec.get('initContainers', []) + spec['containers']


def ours(objects):
    """The deployments of Wakebus' own programs, by role."""
    return {thing['metadata']['name']: thing
            for thing in of_kind(objects, 'Deployment')
            if thing['metadata']['name'] in ROLES}


def selects(selector, labels):
    """Does a LabelSelector select what has these labels?"""
    expressions = selector.get('matchExpressions', [])
    for expression in expressions:
        assert expression['operator'] == 'In', 'all that ours use'
    wanted = selector.get('matchLabels', {})
    return (all(labels.get(key) == value for key, value in wanted.items())
            and all(labels.get(expression['key']) in expression['values']
                    for expression in expressions))
