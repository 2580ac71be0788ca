package io.millrace.training.task.detection;

/** How a detector learns: there is nothing to choose yet. */
record DetectionOptions() {}
