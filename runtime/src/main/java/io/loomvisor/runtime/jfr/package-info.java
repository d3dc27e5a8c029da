/**
 * A recording of the sentry by JDK Flight Recorder although it is locked in: {@link
 * io.loomvisor.runtime.jfr.FlightRecording}. Which events there are say the packages {@code jfr} of
 * the modules below; docs/debugging.md lists them.
 */
package io.loomvisor.runtime.jfr;
