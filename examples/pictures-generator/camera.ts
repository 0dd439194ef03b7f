/** A pinhole camera above the ground y = 0, looking along z, nodding down by `pitch`. */
export interface Camera {
  readonly height: number;
  /** Radians below the horizon. */
  readonly pitch: number;
  /** Distance of the picture plane, whose half width is 1: 1 is a wide angle, 3 a long lens. */
  readonly focal: number;
}

/** A direction in space; not of length 1 unless it says so. */
export interface Direction {
  x: number;
  y: number;
  z: number;
}

/** The direction of length 1 in which the camera sees the point (u, v) of the picture. */
export function lookAt(camera: Camera, u: number, v: number, ray: Direction): void {
  const sine = Math.sin(camera.pitch);
  const cosine = Math.cos(camera.pitch);
  const y = -v * cosine - camera.focal * sine;
  const z = -v * sine + camera.focal * cosine;
  const length = Math.sqrt(u * u + y * y + z * z);
  ray.x = u / length;
  ray.y = y / length;
  ray.z = z / length;
}

/** A direction of length 1 from where light comes: azimuth 0 is from behind the camera, elevation above the ground; radians. */
export function lightFrom(azimuth: number, elevation: number): Direction {
  return {
    x: Math.sin(azimuth) * Math.cos(elevation),
    y: Math.sin(elevation),
    z: -Math.cos(azimuth) * Math.cos(elevation),
  };
}
