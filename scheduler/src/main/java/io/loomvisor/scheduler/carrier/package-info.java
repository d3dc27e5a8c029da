/**
 * The host's threads on which tasks run. {@link io.loomvisor.scheduler.carrier.TaskThreads} makes
 * their virtual threads, for every module; they are scheduled by {@link
 * io.loomvisor.scheduler.carrier.Carriers}, or by the JDK where that cannot be (docs/carriers.md).
 *
 * <p>Virtual threads and actors stand on this, so it is neither: the state is a queue, a stack and
 * counters that any thread changes by compare-and-set, and nothing here waits but an idle carrier.
 */
package io.loomvisor.scheduler.carrier;
