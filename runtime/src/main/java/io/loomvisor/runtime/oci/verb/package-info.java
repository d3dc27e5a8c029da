/**
 * The verbs of the runtime command line, one class for each that does something of its own. A verb
 * is a process: it takes the container's lock ({@link
 * io.loomvisor.runtime.oci.state.StateDirectory}), does its work and ends; failures are thrown and
 * {@link io.loomvisor.runtime.oci.verb.RuntimeCommand} reports them as the caller asked.
 */
package io.loomvisor.runtime.oci.verb;
