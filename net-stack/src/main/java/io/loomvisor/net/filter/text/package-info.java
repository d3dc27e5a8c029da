/**
 * Rule sets as the text that iptables-save prints and iptables-restore reads. {@link
 * io.loomvisor.net.filter.text.SaveText} is the entry; what a text says wrongly comes as a {@link
 * io.loomvisor.net.filter.text.RuleSyntaxException} that names line and word.
 */
package io.loomvisor.net.filter.text;
