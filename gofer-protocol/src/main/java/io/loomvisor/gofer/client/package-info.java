/**
 * The sentry's end of the protocol. {@link io.loomvisor.gofer.client.GoferClient} may be used by
 * any number of threads, virtual ones included; it takes the gofer for untrusted.
 */
package io.loomvisor.gofer.client;
