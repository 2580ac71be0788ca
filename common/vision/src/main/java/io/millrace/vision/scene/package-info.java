/** Scenes that are rendered rather than photographed: pictures with exact boxes, from a seed. */
@NullMarked
package io.millrace.vision.scene;

import org.jspecify.annotations.NullMarked;
