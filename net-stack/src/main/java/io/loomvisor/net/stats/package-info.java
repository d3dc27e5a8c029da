/**
 * Counters by the names of the SNMP MIBs and of Linux's TcpExt, as /proc/net/snmp, snmp6 and
 * netstat show them.
 */
package io.loomvisor.net.stats;
