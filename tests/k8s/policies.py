# SPDX-License-Identifier: BSD-3-Clause
"""Who may speak with whom: the network policies, judged as a network plugin
would, against the table of what Wakebus needs and nothing more."""

import ipaddress

from objects import find, of_kind, ours, pod_labels, selects, workloads
from rules import RULES, port_of, rule, settings

NAMESPACES = {'wakebus': {'kubernetes.io/metadata.name': 'wakebus'},
              'xmpp': {'kubernetes.io/metadata.name': 'xmpp'},
              'kube-system': {'kubernetes.io/metadata.name': 'kube-system'},
              'other': {'kubernetes.io/metadata.name': 'other'}}
# What is around: namespace and labels of a pod, or an address.
OUTSIDE = {
    'xmpp-server': ('xmpp', {'app': 'prosody'}),
    'dns': ('kube-system', {'k8s-app': 'kube-dns'}),
    'stranger': ('other', {'app': 'stranger'}),
    'fcm': ipaddress.ip_address('142.250.74.42'),
    'apns': ipaddress.ip_address('2620:149:208:4307::5'),
    'metadata': ipaddress.ip_address('169.254.169.254'),
    'private': ipaddress.ip_address('10.1.2.3'),
}
WORKERS = ('registry', 'fcm-sender', 'apns-sender')
EPHEMERAL = (32768, 45000, 60999)
PORTS = (22, 53, 443, 2197, 5347, 5750, 6379, 9750, 32767, *EPHEMERAL, 61000)


def needed(from_, to, port):
    """Must `from_` reach this port of `to`? Everything else must be refused."""
    frontend = 'xmpp-frontend'
    return ((from_ in WORKERS and to == frontend and port == 5750)
            or (from_ == frontend and to in WORKERS and port in EPHEMERAL)
            or (from_ == 'registry' and to == 'redis' and port == 6379)
            or (from_ == frontend and to == 'xmpp-server' and port == 5347)
            or (from_ in ('fcm-sender', 'apns-sender') and to in
                ('fcm', 'apns') and port in (443, 2197))
            or (from_ in (frontend, *WORKERS) and to == 'dns' and port == 53))


def ends(objects):
    """Everybody who may speak: name -> namespace and labels, or address."""
    inside = {thing['metadata']['name']: ('wakebus', pod_labels(thing))
              for thing in workloads(objects)}
    return {**inside, **OUTSIDE}


def is_peer(peer, end):
    if not isinstance(end, tuple):
        block = peer.get('ipBlock')
        return block is not None and in_block(block, end)
    if 'ipBlock' in peer:
        return False  # pods' addresses are private ones, and ours exclude them
    namespace, labels = end
    if 'namespaceSelector' in peer:
        if not selects(peer['namespaceSelector'], NAMESPACES[namespace]):
            return False
    elif namespace != 'wakebus':
        return False
    return selects(peer.get('podSelector', {}), labels)


def in_block(block, address):
    def holds(cidr):
        network = ipaddress.ip_network(cidr)
        return network.version == address.version and address in network

    return (holds(block['cidr'])
            and not any(holds(cidr) for cidr in block.get('except', [])))


def is_port(ports, port):
    return not ports or any(
        entry['port'] <= port <= entry.get('endPort', entry['port'])
        for entry in ports if entry.get('protocol', 'TCP') == 'TCP')


def lets(objects, direction, own, other, port):
    """May the pod `own` do so? Without a policy it may do everything."""
    if not isinstance(own, tuple) or own[0] != 'wakebus':
        return True
    key, peers = (('ingress', 'from') if direction == 'Ingress'
                  else ('egress', 'to'))
    policies = [thing['spec'] for thing in of_kind(objects, 'NetworkPolicy')
                if direction in thing['spec']['policyTypes']
                and selects(thing['spec']['podSelector'], own[1])]
    return not policies or any(
        is_port(allowed.get('ports'), port)
        and (not allowed.get(peers)
             or any(is_peer(peer, other) for peer in allowed[peers]))
        for spec in policies for allowed in spec.get(key, []))


@rule
def the_network_carries_what_is_needed_and_no_more(objects):
    everybody = ends(objects)
    inside = [name for name, end in everybody.items()
              if isinstance(end, tuple) and end[0] == 'wakebus']
    for from_, source in everybody.items():
        for to, target in everybody.items():
            if from_ == to or (from_ not in inside and to not in inside):
                continue
            for port in PORTS:
                passes = (lets(objects, 'Egress', source, target, port)
                          and lets(objects, 'Ingress', target, source, port))
                if passes != needed(from_, to, port):
                    yield (f"{from_} {'reaches' if passes else 'needs'} "
                           f'port {port} of {to}')


@rule
def the_table_has_the_ports_in_use(objects):
    """What `needed` says fits what is configured."""
    config = settings(objects)
    if config['bus']['bind'].rpartition(':')[2] != '5750':
        yield 'bus.bind is elsewhere'
    if config['xmpp'].get('port', 5347) != 5347:
        yield 'xmpp.port is elsewhere'
    frontend = ours(objects)['xmpp-frontend']
    if port_of(frontend['spec']['template']['spec']['containers'][0],
               'bus') != 5750:
        yield 'the frontend does not open 5750'
    redis = find(objects, 'Service', 'redis')
    if redis and redis['spec']['ports'][0]['port'] != 6379:
        yield 'Redis is elsewhere'


__all__ = ['RULES']
