# SPDX-License-Identifier: BSD-3-Clause
"""Each rule notices what it is for: all objects of an overlay are sound, and
one change makes one of them not."""

import copy

import kubernetes_validate
import policies  # noqa: F401, adds to RULES
import pytest
from objects import K8S, containers, find, pod, render
from rules import RULES


@pytest.fixture(scope='module')
def sound():
    return {name: render(K8S / 'overlays' / name)
            for name in ('prosody', 'ejabberd')}


def deployment(objects, name='registry'):
    return find(objects, 'Deployment', name)


def container(objects, name='registry'):
    return containers(deployment(objects, name))[0]


def volume(objects, name, role='registry'):
    return next(volume for volume in pod(deployment(objects, role))['volumes']
                if volume['name'] == name)


def policy(objects, name):
    return find(objects, 'NetworkPolicy', name)['spec']


def configure(objects, old, new):
    data = next(thing for thing in objects if thing['kind'] == 'ConfigMap'
                )['data']
    assert old in data['wakebus.json']
    data['wakebus.json'] = data['wakebus.json'].replace(old, new)


def add_twin(objects):
    twin = copy.deepcopy(deployment(objects))
    twin['metadata']['name'] = 'twin'
    objects.append(twin)


# Rule -> changes that it must notice.
BREAKS = {
    'pods_have_no_rights': [
        lambda o: pod(deployment(o))['securityContext'].pop('runAsNonRoot'),
        lambda o: pod(deployment(o))['securityContext'].update(runAsUser=0),
        lambda o: pod(deployment(o)).pop('automountServiceAccountToken'),
        lambda o: pod(deployment(o)).update(hostNetwork=True),
        lambda o: pod(deployment(o))['securityContext'].pop('seccompProfile'),
        lambda o: pod(deployment(o))['volumes'].append(
            {'name': 'x', 'hostPath': {'path': '/'}})],
    'containers_have_no_rights': [
        lambda o: container(o)['securityContext'].pop(
            'readOnlyRootFilesystem'),
        lambda o: container(o)['securityContext'].update(privileged=True),
        lambda o: container(o)['securityContext'].pop('capabilities')],
    'services_do_not_set_our_variables': [
        lambda o: pod(deployment(o)).pop('enableServiceLinks')],
    'resources_are_bounded': [
        lambda o: container(o)['resources'].pop('limits'),
        lambda o: container(o)['resources']['requests'].pop('cpu')],
    'images_have_a_version': [
        lambda o: container(o).update(image='wakebus/registry'),
        lambda o: container(o).update(image='host:5000/wakebus/registry'),
        lambda o: container(o).update(image='wakebus/registry:latest')],
    'our_probes_ask_what_we_answer': [
        lambda o: container(o)['livenessProbe']['httpGet'].update(
            path='/readyz'),
        lambda o: container(o)['readinessProbe']['httpGet'].update(port=9751),
        lambda o: configure(o, '9750', '9751')],
    'every_container_has_probes': [
        lambda o: container(o).pop('readinessProbe')],
    'a_drain_may_take_its_time': [
        lambda o: pod(deployment(o)).update(terminationGracePeriodSeconds=20),
        lambda o: container(o).update(
            lifecycle={'preStop': {'sleep': {'seconds': 20}}}),
        lambda o: configure(o, '"log":',
                            '"push": {"deadline_ms": 30000}, "log":')],
    'each_pod_gets_its_own_secrets_only': [
        lambda o: volume(o, 'curve')['secret'].update(
            secretName='curve-xmpp-frontend'),
        lambda o: container(o)['env'].append(
            {'name': 'X', 'valueFrom': {'secretKeyRef': {
                'name': 'xmpp', 'key': 'secret'}}}),
        lambda o: container(o).update(
            envFrom=[{'secretRef': {'name': 'xmpp'}}])],
    'no_secret_is_shipped': [
        lambda o: o.append({'apiVersion': 'v1', 'kind': 'Secret',
                            'metadata': {'name': 'x'}})],
    'secrets_are_not_for_everybody': [
        lambda o: volume(o, 'curve')['secret'].update(defaultMode=0o444),
        lambda o: volume(o, 'curve')['secret'].pop('defaultMode'),
        lambda o: pod(deployment(o))['securityContext'].pop('fsGroup')],
    'config_maps_and_mounts_exist': [
        lambda o: volume(o, 'config')['configMap'].update(name='config')],
    'selectors_find_pods': [
        lambda o: deployment(o)['spec']['selector']['matchLabels'].update(x='y'),
        lambda o: find(o, 'Service', 'redis')['spec']['selector'].update(x='y'),
        lambda o: find(o, 'PodDisruptionBudget', 'registry')['spec'][
            'selector']['matchLabels'].update(x='y')],
    'workloads_share_no_pods': [add_twin],
    'services_lead_to_ports': [
        lambda o: find(o, 'Service', 'redis')['spec']['ports'][0].update(
            targetPort='other')],
    'labels_are_the_usual_ones': [
        lambda o: deployment(o)['metadata']['labels'].pop(
            'app.kubernetes.io/part-of')],
    'all_is_in_one_namespace': [
        lambda o: deployment(o)['metadata'].pop('namespace')],
    'the_namespace_enforces_restricted': [
        lambda o: find(o, 'Namespace', 'wakebus')['metadata']['labels'].pop(
            'pod-security.kubernetes.io/enforce')],
    'workers_find_frontends_before_they_are_ready': [
        lambda o: find(o, 'Service', 'xmpp-frontend')['spec'].pop(
            'publishNotReadyAddresses'),
        lambda o: find(o, 'Service', 'xmpp-frontend')['spec'].pop('clusterIP'),
        lambda o: configure(o, 'tcp://*:5750', 'tcp://*:5751'),
        lambda o: configure(o, 'tcp://xmpp-frontend:', 'tcp://frontend:')],
    'keys_are_where_the_configuration_says': [
        lambda o: configure(o, 'wakebus/curve/own', 'wakebus/own'),
        lambda o: configure(o, 'wakebus/authorized', 'wakebus/public')],
    'budgets_allow_a_disruption': [
        lambda o: find(o, 'PodDisruptionBudget', 'registry')['spec'].update(
            maxUnavailable=0),
        lambda o: find(o, 'PodDisruptionBudget', 'xmpp-frontend')[
            'spec'].update(minAvailable=2)],
    'what_there_is_several_of_has_a_budget_and_is_spread': [
        lambda o: o.remove(find(o, 'PodDisruptionBudget', 'registry')),
        lambda o: pod(deployment(o)).pop('topologySpreadConstraints'),
        lambda o: pod(deployment(o, 'xmpp-frontend')).pop(
            'topologySpreadConstraints')],
    'scalers_have_targets': [
        lambda o: find(o, 'HorizontalPodAutoscaler', 'fcm-sender')['spec'][
            'scaleTargetRef'].update(name='fcm'),
        lambda o: deployment(o, 'fcm-sender')['spec'].update(replicas=2),
        lambda o: o.remove(find(o, 'HorizontalPodAutoscaler', 'fcm-sender'))],
    'frontends_change_over_without_a_fight': [
        lambda o: deployment(o, 'xmpp-frontend')['spec'].update(replicas=1),
        lambda o: deployment(o, 'xmpp-frontend')['spec']['strategy'].update(
            rollingUpdate={'maxUnavailable': 1, 'maxSurge': 1})],
    'the_network_carries_what_is_needed_and_no_more': [
        lambda o: o.remove(find(o, 'NetworkPolicy', 'default-deny')),
        lambda o: o.remove(find(o, 'NetworkPolicy', 'dns')),
        lambda o: o.remove(find(o, 'NetworkPolicy', 'workers')),
        lambda o: policy(o, 'xmpp-frontend')['ingress'][0]['ports'][0].update(
            port=5751),
        lambda o: policy(o, 'xmpp-frontend')['egress'][0]['ports'][0].update(
            endPort=50000),
        lambda o: policy(o, 'providers')['egress'][0]['to'][0]['ipBlock'].pop(
            'except'),
        lambda o: policy(o, 'providers')['egress'][0]['to'].pop(1),
        lambda o: policy(o, 'redis')['ingress'][0].pop('from'),
        lambda o: policy(o, 'xmpp-server')['egress'][0].pop('ports')],
    'the_table_has_the_ports_in_use': [
        lambda o: configure(o, '5347', '5348')],
}


def test_every_rule_is_broken_here():
    assert set(BREAKS) == {rule.__name__ for rule in RULES}


def broken(sound, break_it):
    objects = copy.deepcopy(sound['ejabberd'])
    break_it(objects)
    return objects


@pytest.mark.parametrize('rule, break_it', [
    (rule, break_it) for rule in RULES for break_it in BREAKS[rule.__name__]],
    ids=lambda value: getattr(value, '__name__', None))
def test_it_notices(sound, rule, break_it):
    assert list(rule(broken(sound, break_it)))


def test_prosody_is_not_given_two_frontends(sound):
    objects = copy.deepcopy(sound['prosody'])
    deployment(objects, 'xmpp-frontend')['spec'].pop('strategy')
    rule = next(rule for rule in RULES
                if rule.__name__ == 'frontends_change_over_without_a_fight')
    assert list(rule(objects))


@pytest.mark.parametrize('break_it', [
    lambda o: pod(deployment(o)).update(automountServiceToken=False),
    lambda o: deployment(o)['spec'].update(replicas='two'),
    lambda o: deployment(o)['spec'].pop('selector')])
def test_the_schemas_notice(sound, break_it):
    thing = deployment(broken(sound, break_it))
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(thing, '1.27', strict=True)


def test_an_api_that_is_gone_is_noticed(sound):
    thing = copy.deepcopy(find(sound['ejabberd'], 'PodDisruptionBudget',
                               'registry'))
    thing['apiVersion'] = 'policy/v1beta1'
    with pytest.raises(kubernetes_validate.utils.SchemaNotFoundError):
        kubernetes_validate.validate(thing, '1.27', strict=True)


def test_a_warning_of_kustomize_is_noticed(tmp_path):
    (tmp_path / 'kustomization.yaml').write_text(
        'commonLabels:\n  a: b\nconfigMapGenerator:\n  - name: x\n'
        '    literals: [a=b]\n')
    with pytest.raises(AssertionError, match='deprecated'):
        render(tmp_path)
