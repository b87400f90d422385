/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/wakebusctl/faults.h"

void faults_add(struct faults *self, const struct file_fault *fault)
{
    if (self->count < FAULTS_KEPT) {
        self->kept[self->count] = *fault;
    }
    self->count++;
}
