/**
 * The one timer service: {@link io.loomvisor.scheduler.time.TimerService}. Clocks are passed in, so
 * tests can drive them.
 */
package io.loomvisor.scheduler.time;
