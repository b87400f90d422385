# SPDX-License-Identifier: BSD-3-Clause
"""What must hold for the rendered objects beyond their schemas. Each rule takes
all of them and returns its complaints; test_rules.py breaks each."""

import json

from objects import (containers, find, label, of_kind, ours, pod, pod_labels,
                     selects, workloads)

RULES = []


def rule(function):
    RULES.append(function)
    return function


def settings(objects):
    """The configuration that the pods share."""
    config = next(thing for thing in of_kind(objects, 'ConfigMap')
                  if 'wakebus.json' in thing['data'])
    return json.loads(config['data']['wakebus.json'])


def port_of(container, port):
    """The number of a port given by number or name; None if there is none."""
    for known in container.get('ports', []):
        if port in (known.get('name'), known['containerPort']):
            return known['containerPort']
    return None


# ---- each pod ----

@rule
def pods_have_no_rights(objects):
    for thing in workloads(objects):
        spec = pod(thing)
        security = spec.get('securityContext', {})
        if (not security.get('runAsNonRoot')
                or security.get('runAsUser', 0) == 0):
            yield f'{label(thing)}: may run as root'
        if security.get('seccompProfile') != {'type': 'RuntimeDefault'}:
            yield f'{label(thing)}: no seccomp profile'
        if spec.get('automountServiceAccountToken') is not False:
            yield f"{label(thing)}: may speak to Kubernetes' API"
        for shared in ('hostNetwork', 'hostPID', 'hostIPC'):
            if spec.get(shared):
                yield f'{label(thing)}: {shared}'
        for volume in spec.get('volumes', []):
            if 'hostPath' in volume:
                yield f"{label(thing)}: volume {volume['name']} of the host"


@rule
def containers_have_no_rights(objects):
    wanted = {'allowPrivilegeEscalation': False, 'readOnlyRootFilesystem': True,
              'capabilities': {'drop': ['ALL']}}
    for thing in workloads(objects):
        for container in containers(thing):
            if container.get('securityContext') != wanted:
                yield (f"{label(thing)}: securityContext of "
                       f"{container['name']} is not {wanted}")


@rule
def services_do_not_set_our_variables(objects):
    for thing in workloads(objects):
        if pod(thing).get('enableServiceLinks') is not False:
            yield f'{label(thing)}: enableServiceLinks'


@rule
def resources_are_bounded(objects):
    for thing in workloads(objects):
        for container in containers(thing):
            for bound in ('requests', 'limits'):
                bounds = container.get('resources', {}).get(bound, {})
                if not {'cpu', 'memory'} <= set(bounds):
                    yield f'{label(thing)}: {bound} lack cpu or memory'


@rule
def images_have_a_version(objects):
    for thing in workloads(objects):
        for container in containers(thing):
            tag = container['image'].rpartition('/')[2].partition(':')[2]
            if tag in ('', 'latest'):
                yield f"{label(thing)}: {container['image']} may be anything"


@rule
def our_probes_ask_what_we_answer(objects):
    port = int(settings(objects)['http']['bind'].rpartition(':')[2])
    for role, thing in ours(objects).items():
        for container in containers(thing):
            for probe, path in (('livenessProbe', '/livez'),
                                ('readinessProbe', '/readyz')):
                get = container.get(probe, {}).get('httpGet', {})
                if (get.get('path') != path
                        or port_of(container, get.get('port')) != port):
                    yield f'{role}: {probe} is not {path} on {port}'


@rule
def every_container_has_probes(objects):
    for thing in workloads(objects):
        for container in thing['spec']['template']['spec']['containers']:
            for probe in ('livenessProbe', 'readinessProbe'):
                if probe not in container:
                    yield f'{label(thing)}: no {probe}'


@rule
def a_drain_may_take_its_time(objects):
    deadline_ms = settings(objects).get('push', {}).get('deadline_ms', 10000)
    for role, thing in ours(objects).items():
        grace = pod(thing).get('terminationGracePeriodSeconds', 30)
        hook = containers(thing)[0].get('lifecycle', {}).get('preStop', {})
        pause = hook.get('sleep', {}).get('seconds', 0)
        if grace <= deadline_ms / 1000 + 10 + pause:
            yield f'{role}: killed after {grace} s, before it has drained'


# ---- secrets ----

def mounts(thing):
    """Name of each Secret and ConfigMap that a pod mounts -> where."""
    sources = {}
    for volume in pod(thing).get('volumes', []):
        source = (volume.get('secret', {}).get('secretName')
                  or volume.get('configMap', {}).get('name'))
        sources[volume['name']] = source
    return {sources[mount['name']]: mount['mountPath']
            for container in containers(thing)
            for mount in container.get('volumeMounts', [])
            if sources.get(mount['name'])}


def secrets(thing):
    names = {volume['secret']['secretName']
             for volume in pod(thing).get('volumes', []) if 'secret' in volume}
    for container in containers(thing):
        for source in container.get('envFrom', []):
            names.add(source.get('secretRef', {}).get('name'))
        for variable in container.get('env', []):
            reference = variable.get('valueFrom', {}).get('secretKeyRef', {})
            names.add(reference.get('name'))
    return names - {None}


SECRETS = {
    'xmpp-frontend': {'curve-xmpp-frontend', 'xmpp'},
    'registry': {'curve-registry', 'redis-url'},
    'fcm-sender': {'curve-fcm-sender', 'fcm'},
    'apns-sender': {'curve-apns-sender', 'apns'},
    'redis': {'redis-users'},
}


@rule
def each_pod_gets_its_own_secrets_only(objects):
    for thing in workloads(objects):
        wanted = SECRETS.get(thing['metadata']['name'], set())
        if secrets(thing) != wanted:
            yield f'{label(thing)}: has the secrets {secrets(thing)}'


@rule
def no_secret_is_shipped(objects):
    for thing in of_kind(objects, 'Secret'):
        yield f'{label(thing)} is in a file'


@rule
def secrets_are_not_for_everybody(objects):
    for thing in workloads(objects):
        for volume in pod(thing).get('volumes', []):
            if volume.get('secret', {}).get('defaultMode', 0o440) & 0o7:
                yield f"{label(thing)}: all may read {volume['name']}"
            if 'secret' in volume and 'defaultMode' not in volume['secret']:
                yield f"{label(thing)}: all may read {volume['name']}"
        if 'fsGroup' not in pod(thing).get('securityContext', {}):
            yield f'{label(thing)}: cannot read its secrets without fsGroup'


@rule
def config_maps_and_mounts_exist(objects):
    given = {thing['metadata']['name'] for thing in
             of_kind(objects, 'ConfigMap')} | {'curve-authorized',
                                               'redis-config'}
    for thing in workloads(objects):
        for volume in pod(thing).get('volumes', []):
            name = volume.get('configMap', {}).get('name')
            if name and name not in given:
                yield f'{label(thing)}: ConfigMap {name} is nowhere'


# ---- what refers to each other ----

@rule
def selectors_find_pods(objects):
    for thing in of_kind(objects, 'Deployment', 'StatefulSet'):
        if not selects(thing['spec']['selector'], pod_labels(thing)):
            yield f'{label(thing)}: does not select its own pods'
    pods = [pod_labels(thing) for thing in workloads(objects)]
    for thing in of_kind(objects, 'Service'):
        selector = {'matchLabels': thing['spec']['selector']}
        if sum(selects(selector, labels) for labels in pods) != 1:
            yield f'{label(thing)}: not the pods of one workload'
    for thing in of_kind(objects, 'PodDisruptionBudget'):
        found = sum(selects(thing['spec']['selector'], l) for l in pods)
        if found != 1:
            yield f'{label(thing)}: selects {found} workloads'


@rule
def workloads_share_no_pods(objects):
    things = workloads(objects)
    for thing in things:
        others = [label(other) for other in things if other is not thing and
                  selects(thing['spec']['selector'], pod_labels(other))]
        if others:
            yield f'{label(thing)}: selects those of {others}'


@rule
def services_lead_to_ports(objects):
    for thing in of_kind(objects, 'Service'):
        selector = {'matchLabels': thing['spec']['selector']}
        for port in thing['spec']['ports']:
            target = port.get('targetPort', port['port'])
            numbers = {port_of(container, target)
                       for workload in workloads(objects)
                       if selects(selector, pod_labels(workload))
                       for container in containers(workload)}
            if numbers != {port['port']}:
                yield f"{label(thing)}: {port['port']} leads to {numbers}"


@rule
def labels_are_the_usual_ones(objects):
    for thing in workloads(objects):
        for labels in (thing['metadata']['labels'], pod_labels(thing)):
            for key in ('name', 'component', 'part-of'):
                if f'app.kubernetes.io/{key}' not in labels:
                    yield f'{label(thing)}: no app.kubernetes.io/{key}'


@rule
def all_is_in_one_namespace(objects):
    for thing in objects:
        if (thing['kind'] != 'Namespace'
                and thing['metadata'].get('namespace') != 'wakebus'):
            yield f'{label(thing)}: not in the namespace'


@rule
def the_namespace_enforces_restricted(objects):
    for thing in of_kind(objects, 'Namespace'):
        level = thing['metadata'].get('labels', {}).get(
            'pod-security.kubernetes.io/enforce')
        if level != 'restricted':
            yield f'{label(thing)}: enforces {level}'


# ---- the bus ----

@rule
def workers_find_frontends_before_they_are_ready(objects):
    config = settings(objects)['bus']
    port = int(config['bind'].rpartition(':')[2])
    for endpoint in config['frontends']:
        name = endpoint.removeprefix('tcp://').rpartition(':')[0]
        service = find(objects, 'Service', name)
        if service is None:
            yield f'{endpoint}: there is no such service'
            continue
        spec = service['spec']
        if spec.get('clusterIP') != 'None':
            yield f'{name}: one address for all frontends'
        if spec.get('publishNotReadyAddresses') is not True:
            yield f'{name}: only frontends that are ready, so none ever will be'
        if (endpoint.rpartition(':')[2] != str(port)
                or spec['ports'][0]['port'] != port):
            yield f'{name}: not the port of bus.bind'


@rule
def keys_are_where_the_configuration_says(objects):
    config = settings(objects)['bus']
    for role, thing in ours(objects).items():
        where = mounts(thing)
        own = where.get(f'curve-{role}')
        if config['curve_key_file'].rpartition('/')[0] != own:
            yield f'{role}: its key is at {own}'
        if config['curve_authorized_dir'] != where.get('curve-authorized'):
            yield f'{role}: lacks the public keys'


# ---- updates and scale ----

@rule
def budgets_allow_a_disruption(objects):
    for thing in of_kind(objects, 'PodDisruptionBudget'):
        spec = thing['spec']
        workload = next(iter(
            w for w in workloads(objects)
            if selects(spec['selector'], pod_labels(w))), None)
        if workload is None:
            continue
        replicas = least(objects, workload)
        allowed = spec.get('maxUnavailable',
                           replicas - spec.get('minAvailable', 0))
        if not isinstance(allowed, int) or allowed < 1:
            yield f'{label(thing)}: no node can ever be drained'


def least(objects, workload):
    """How many pods it has at least."""
    scaler = next((thing for thing in
                   of_kind(objects, 'HorizontalPodAutoscaler')
                   if thing['spec']['scaleTargetRef']['name']
                   == workload['metadata']['name']), None)
    if scaler:
        return scaler['spec'].get('minReplicas', 1)
    return workload['spec'].get('replicas', 1)


@rule
def what_there_is_several_of_has_a_budget_and_is_spread(objects):
    budgets = of_kind(objects, 'PodDisruptionBudget')
    for thing in workloads(objects):
        if least(objects, thing) < 2:
            continue
        if not any(selects(budget['spec']['selector'], pod_labels(thing))
                   for budget in budgets):
            yield f'{label(thing)}: all of its pods may be evicted at once'
        spread = pod(thing).get('topologySpreadConstraints', [])
        if not any(selects(one['labelSelector'], pod_labels(thing))
                   for one in spread):
            yield f'{label(thing)}: all of its pods may be on one node'


@rule
def scalers_have_targets(objects):
    scalers = of_kind(objects, 'HorizontalPodAutoscaler')
    for thing in scalers:
        target = thing['spec']['scaleTargetRef']
        workload = find(objects, target['kind'], target['name'])
        if workload is None or workload['apiVersion'] != target['apiVersion']:
            yield f'{label(thing)}: scales nothing'
        elif 'replicas' in workload['spec']:
            yield f'{label(thing)}: each apply sets the number back'
    scaled = {thing['spec']['scaleTargetRef']['name'] for thing in scalers}
    for role in ours(objects):
        if role.endswith('-sender') and role not in scaled:
            yield f'{role}: nothing scales it'


@rule
def frontends_change_over_without_a_fight(objects):
    """Prosody: never two. ejabberd: never none."""
    frontend = ours(objects)['xmpp-frontend']
    strategy = frontend['spec'].get('strategy', {'type': 'RollingUpdate'})
    if frontend['spec'].get('replicas', 1) == 1:
        if strategy['type'] != 'Recreate':
            yield 'the new frontend starts while the old one is connected'
    else:
        rolling = strategy.get('rollingUpdate', {})
        if not (rolling.get('maxUnavailable') == 0
                and rolling.get('maxSurge', 0) >= 1):
            yield 'an old frontend goes before the new one is there'
