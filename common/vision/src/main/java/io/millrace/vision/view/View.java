package io.millrace.vision.view;

import io.millrace.vision.picture.Picture;

/**
 * One look at a picture of any size: which part of it a network of a fixed input size sees, and how
 * large. A network may look at a picture several times, through several views.
 */
public sealed interface View permits Letterbox, Window {

  /** Pixels in a row of what is shown. */
  int width();

  /** Rows of what is shown. */
  int height();

  /** The picture as the network sees it. */
  Shown show(Picture picture);
}
