/**
 * Time as the stack sees it. Nothing in the stack reads a system clock: it is given a {@link
 * io.loomvisor.net.time.Clock}.
 */
package io.loomvisor.net.time;
