/**
 * The whole-program measurements behind {@code docs/performance.md}. Runs from source, with nothing
 * but the JDK and gcc: see {@code benchmarks/run}.
 */
package io.loomvisor.benchmarks.report;
