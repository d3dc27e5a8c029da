/**
 * The actor runtime. A subsystem extends {@link io.loomvisor.scheduler.actor.Actor}, keeps its
 * state in plain private fields and offers methods that wrap their bodies in {@code ask} or {@code
 * tell}.
 *
 * <p>An idle actor runs the message on the caller's own thread (one compare-and-set in, one out); a
 * busy one queues it and whoever holds the actor drains the queue. Actors may only ask actors of a
 * strictly lower {@link io.loomvisor.scheduler.actor.Rank}, which excludes deadlock and is checked
 * on every ask.
 */
package io.loomvisor.scheduler.actor;
