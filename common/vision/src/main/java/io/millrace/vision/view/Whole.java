package io.millrace.vision.view;

import io.millrace.vision.box.SizeRange;
import io.millrace.vision.suppress.Suppression;
import java.util.List;

/** One look at the whole picture. */
public record Whole() implements Viewing {

  @Override
  public List<Look> looks(int pictureWidth, int pictureHeight, int inputWidth, int inputHeight) {
    return List.of(new Look(new Letterbox(inputWidth, inputHeight), SizeRange.ALL));
  }

  @Override
  public long count(int pictureWidth, int pictureHeight, int inputWidth, int inputHeight) {
    return 1;
  }

  /** Nothing: there is one look. */
  @Override
  public Suppression merging() {
    return new Suppression.None();
  }
}
