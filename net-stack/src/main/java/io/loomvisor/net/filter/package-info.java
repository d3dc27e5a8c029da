/**
 * The filter table in the model of iptables: {@link io.loomvisor.net.filter.RuleSet}s of tables,
 * chains and rules, and the {@link io.loomvisor.net.filter.Firewall} that applies them.
 *
 * <pre>
 *  link ─▶ PREROUTING ─▶ route ─▶ INPUT ─▶ transport
 *          raw, track,     │      mangle, filter, nat
 *          mangle, nat     ▼
 *                       FORWARD ──────▶ POSTROUTING ─▶ link
 *                       mangle, filter   mangle, nat     ▲
 *  transport ─▶ OUTPUT: raw, track, mangle, nat, filter ─┘
 * </pre>
 *
 * <p>A rule set is immutable and knows no stack; {@code RuleSet.ipv4()} builds one in Java, {@code
 * filter.text} reads one from what iptables-save prints. Installing it replaces the one before, for
 * every packet from then on, in one step. What counts or remembers (packets and bytes of rules,
 * buckets of the limit match) is made anew when it is installed.
 *
 * <p>While no rule exists the network layer does not call the firewall at all. Rules that ask
 * nothing of connections are applied on the thread that carries the packet. As soon as one does,
 * each packet is a message to the firewall, a mailbox that owns the connections, and goes through
 * all hooks there.
 */
package io.loomvisor.net.filter;
