package io.millrace.language.chat;

/**
 * A stretch of a conversation's tokens.
 *
 * @param role who says it
 * @param ids its tokens, maybe none
 * @param learned whether a model that learns to answer has these tokens as targets
 */
public record Segment(Role role, int[] ids, boolean learned) {}
