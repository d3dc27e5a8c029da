/**
 * The net-stack alone: two stacks in one process on the ends of an in-memory link, beside
 * java.nio's sockets on the host's loopback and beside copying the same bytes. {@code
 * benchmarks/net} runs it. Every measurement is one thread that does the work of both ends, so a
 * result is work per core and does not depend on how threads are woken.
 */
package io.loomvisor.benchmarks.net;
