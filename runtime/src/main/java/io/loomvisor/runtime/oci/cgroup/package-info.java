/**
 * The host's control groups (cgroups(7)), of both versions: one group for each sandbox, which holds
 * its sentry and gofer. Used by verbs only; the state is the host's.
 */
package io.loomvisor.runtime.oci.cgroup;
