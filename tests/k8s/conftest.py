# SPDX-License-Identifier: BSD-3-Clause
"""The sites that are tested: both overlays, and the one of the README."""

import pytest
from objects import K8S, render
from readme import make_site


@pytest.fixture(scope='session', params=['prosody', 'ejabberd', 'readme'])
def site(request, tmp_path_factory):
    """A folder that is a kustomization."""
    if request.param == 'readme':
        return make_site(tmp_path_factory.mktemp('readme'))
    return K8S / 'overlays' / request.param


@pytest.fixture(scope='session')
def objects(site):
    return render(site)
