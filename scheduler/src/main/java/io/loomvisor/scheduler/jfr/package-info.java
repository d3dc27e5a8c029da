/**
 * Events of this module for JDK Flight Recorder, and the switch that says whether the process may
 * be recorded at all. An event is made by whoever sees it happen, on its own thread, and belongs to
 * that thread; nothing here has state. The modules above have packages {@code jfr} of their own,
 * the gofer's client too. docs/debugging.md lists all events.
 */
package io.loomvisor.scheduler.jfr;
