/**
 * The event of the gofer's client for JDK Flight Recorder; see {@code io.loomvisor.scheduler.jfr},
 * which this module does not know.
 */
package io.loomvisor.gofer.jfr;
