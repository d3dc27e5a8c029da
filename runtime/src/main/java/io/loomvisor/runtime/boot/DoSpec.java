package io.loomvisor.runtime.boot;

import java.nio.file.Path;
import java.util.List;

/**
 * What {@code loomvisor do} is to run.
 *
 * @param environment NAME=VALUE
 * @param vcpus 0 for the host's number
 * @param memoryLimit bytes; 0 for the default
 * @param log the log file; null for standard error
 */
public record DoSpec(
    List<String> command,
    Path rootDirectory,
    String workingDirectory,
    List<String> environment,
    int uid,
    int gid,
    int[] groups,
    int vcpus,
    long memoryLimit,
    boolean strace,
    Path log) {}
