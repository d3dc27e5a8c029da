/**
 * Descriptors that stand for events: eventfd, epoll, timerfd, signalfd, inotify. The objects are in
 * {@code vfs.event} and {@code kernel.signal}; here arguments are checked and waits are made.
 * Stateless but for the sandbox-wide {@link io.loomvisor.vfs.event.EpollNesting}.
 */
package io.loomvisor.kernel.syscall.event;
