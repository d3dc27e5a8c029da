package io.loomvisor.runtime.boot;

import java.nio.file.Path;
import java.util.Map;

/**
 * What is to be recorded by JDK Flight Recorder.
 *
 * @param file where to
 * @param settings of events: {@code NAME#SETTING} to value
 */
public record RecordingSpec(Path file, Map<String, String> settings) {}
