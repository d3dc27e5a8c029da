/**
 * Events of the kernel for JDK Flight Recorder: what tasks do and what becomes of them. Made on the
 * task's own thread by the dispatcher, signal delivery, page faults, fork, exec and exit; see
 * {@link io.loomvisor.scheduler.jfr.Recording} for when.
 */
package io.loomvisor.kernel.jfr;
