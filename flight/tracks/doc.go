// Package tracks reads flights that somebody else recorded: tracks, filed plans and airports, as
// CSV, TSV or Parquet tables, and makes them fit for use.
//
// A table of tracks has a row for each fix, in the columns of the field (those of xoolive/traffic
// and of OpenSky, among others). Names are compared without regard to case:
//
//	flight      flight_id; or icao24 and callsign, or one of them, then a new flight begins
//	            where Options.Gap passes without a fix
//	time        timestamp, unix_time_s, time, …: seconds since 1970 or ISO 8601, UTC
//	latitude    lat_deg, latitude, lat
//	longitude   lon_deg, longitude, lon, lng
//	altitude    altitude_ft, altitude, … in feet; altitude_m, baroaltitude, geoaltitude in metres;
//	            flight_level in 100 ft. It may be absent
//
// A table of plans has a row for each waypoint: plan_id (or flight_id), perhaps seq, and latitude
// and longitude or the waypoint's name; one of airports has names and positions, as that of
// OurAirports. A third table says which plan a flight has: flight_id and plan_id.
//
// # Laws
//
//   - A file that is no such table is one error, which names the file and, if there is one, the
//     line. A row or a flight that is at fault never stops the others: what is left out or
//     changed is said in Set.Warnings, once for each kind of fault, with the first place.
//   - Times of a track rise strictly, by at most Options.Gap, and its positions are within reach of
//     each other at Options.Speed. Latitudes are in [−90, 90] and longitudes in [−180, 180).
//   - Altitudes of a track are all finite, or all NaN.
//   - Nothing is known of a flight but what the files say: where it has no plan, Plan is nil.
package tracks
