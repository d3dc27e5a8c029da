/**
 * Waiting for several descriptions: poll, select, epoll, and the descriptors that stand for signals
 * and timers.
 */
package io.loomvisor.kernel.syscall.poll;
