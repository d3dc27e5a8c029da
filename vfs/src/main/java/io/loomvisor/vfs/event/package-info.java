/**
 * Descriptors that stand for events: counters (eventfd), timers (timerfd), the readiness of other
 * descriptors (epoll) and changes of files (inotify). Made by {@code kernel.syscall.event}; each
 * object is its own actor or free of actors, and none is held while a wait queue is notified or
 * another description is asked.
 */
package io.loomvisor.vfs.event;
