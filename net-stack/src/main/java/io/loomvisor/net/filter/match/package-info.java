/**
 * What rules ask of a packet. A {@link io.loomvisor.net.filter.match.Match} is a value; {@code
 * install} makes a {@link io.loomvisor.net.filter.match.Test} of it, which may remember something
 * and be asked by any thread. {@code negated} means that the answer to the question itself is
 * turned round; a packet that has no answer (no ports in a later fragment) never matches.
 */
package io.loomvisor.net.filter.match;
