/**
 * The runtime command line of containers (runc's): configuration in {@code spec}, what is known of
 * a container between verbs in {@code state}, the host's cgroups in {@code cgroup}, talking to a
 * running sandbox in {@code control}, the verbs themselves in {@code verb}. Verbs are short-lived
 * processes; the one that makes a container starts the sentry, which {@code
 * io.loomvisor.runtime.boot} assembles.
 */
package io.loomvisor.runtime.oci;
