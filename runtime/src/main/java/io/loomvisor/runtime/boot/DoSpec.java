package io.loomvisor.runtime.boot;

import io.loomvisor.scheduler.vcpu.PoolStrategy;
import java.nio.file.Path;
import java.util.List;

/**
 * What {@code loomvisor do} is to run. Strings that the application sees are bytes, one ISO 8859-1
 * character each.
 *
 * @param rootDirectory of the host, absolute
 * @param environment NAME=VALUE
 * @param vcpus 0 for the host's number
 * @param locked give up what the sentry has of the host before the command runs
 * @param memoryLimit bytes; 0 for the default
 * @param vcpuPool how tasks come to vCPUs
 * @param timeSlice how long, ns, a task may stay in the application while others wait
 * @param ignoredSignals what the caller ignores: bit n - 1 for signal n
 * @param recording null for none
 */
public record DoSpec(
    List<String> command,
    Path rootDirectory,
    String workingDirectory,
    List<String> environment,
    int uid,
    int gid,
    int[] groups,
    int umask,
    int vcpus,
    long memoryLimit,
    PoolStrategy vcpuPool,
    long timeSlice,
    long ignoredSignals,
    NetworkMode network,
    boolean strace,
    boolean locked,
    RecordingSpec recording) {}
