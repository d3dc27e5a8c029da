/**
 * Connection tracking: which connection a packet belongs to and what state that is in, in the sense
 * of Linux's nf_conntrack. A {@link io.loomvisor.net.conntrack.Connection} has two {@link
 * io.loomvisor.net.conntrack.Tuple}s, of the packets of the side that began and of the answers;
 * address translation makes them differ in more than direction.
 *
 * <p>{@link io.loomvisor.net.conntrack.Tracker} and all it holds are plain objects of one actor,
 * {@code net.filter.Firewall}, and only its messages touch them. What a packet carries away ({@link
 * io.loomvisor.net.conntrack.Tracking}) has immutable parts that rules may read on any thread.
 *
 * <p>The table is bounded: when it is full, the oldest connection that has not seen packets both
 * ways gives way, and if there is none, the packet that would begin another is dropped. Time comes
 * from the stack's clock; connections expire by a wheel of seconds that turns only while there are
 * any.
 */
package io.loomvisor.net.conntrack;
