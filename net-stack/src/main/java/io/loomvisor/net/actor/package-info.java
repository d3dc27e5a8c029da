/**
 * The serial executors of the stack. Every endpoint, transmit queue, neighbour cache and
 * reassembler extends {@link io.loomvisor.net.actor.Mailbox} and keeps its state in plain fields.
 *
 * <p>A message to an idle mailbox runs on the caller's own thread, but never while that thread is
 * inside another mailbox: it then runs as soon as the outer one has been left. So a packet goes
 * from endpoint to link to endpoint on one thread, without a hand-off, without nesting, and without
 * anything held while the next party runs.
 */
package io.loomvisor.net.actor;
