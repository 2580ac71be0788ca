/** Learning without labels: contrastive predictive coding of texts and pictures. */
@NullMarked
package io.millrace.encoder.represent;

import org.jspecify.annotations.NullMarked;
