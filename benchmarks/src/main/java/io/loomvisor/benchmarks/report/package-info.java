/**
 * The measurements behind {@code docs/performance.md}, one class for each family of them. Runs from
 * source, with nothing but the JDK and gcc: see {@code benchmarks/run}. {@link
 * io.loomvisor.benchmarks.report.Turns} is the common way to measure: all that is compared takes
 * turns.
 */
package io.loomvisor.benchmarks.report;
