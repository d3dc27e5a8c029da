/**
 * The packet filter as iptables(8) of the legacy kind speaks to it: getsockopt(2) and setsockopt(2)
 * of netfilter's x_tables (include/uapi/linux/netfilter_ipv4/ip_tables.h and kin), onto {@code
 * net.filter}.
 *
 * <p>A table travels as one blob of entries: header, matches, target. {@link
 * io.loomvisor.kernel.socket.xtables.Blob} finds the entries and proves that every offset lies
 * where it may; {@link io.loomvisor.kernel.socket.xtables.TableReader} makes chains and rules of
 * them, with the readers of matches and targets. {@link io.loomvisor.kernel.socket.xtables.Xtables}
 * is the actor that owns what is installed: the blobs as they were given, and what their counters
 * began with. {@link io.loomvisor.kernel.socket.xtables.XtablesOptions} moves all that from and to
 * the application's memory, never while the actor is held; the sockets of {@code
 * kernel.socket.inet} call it.
 */
package io.loomvisor.kernel.socket.xtables;
