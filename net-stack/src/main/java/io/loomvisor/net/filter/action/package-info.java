/**
 * What rules do with a packet: targets, in iptables' word. Values only; {@code filter.Firewall}
 * acts on them.
 */
package io.loomvisor.net.filter.action;
