/**
 * How verbs talk to a running sandbox. Its sentry may not accept connections (the lock), so it has
 * a datagram socket in the container's state directory, made before the lock; a verb sends one
 * datagram with a JSON request and, by SCM_RIGHTS, one end of a socket pair, on which the answers
 * come. {@link io.loomvisor.runtime.oci.control.ControlClient} is the verbs' side, {@link
 * io.loomvisor.runtime.oci.control.ControlServer} the sentry's, on a thread of its own.
 */
package io.loomvisor.runtime.oci.control;
