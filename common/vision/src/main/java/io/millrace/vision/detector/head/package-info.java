/**
 * What finds boxes in the maps of a network: how a head is made, what it learns from, and how its
 * results are read.
 */
@NullMarked
package io.millrace.vision.detector.head;

import org.jspecify.annotations.NullMarked;
