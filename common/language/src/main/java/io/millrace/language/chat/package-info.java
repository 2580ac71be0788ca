/** Conversations as tokens: one template for training, serving and exports. */
@NullMarked
package io.millrace.language.chat;

import org.jspecify.annotations.NullMarked;
