//! Where a home keeps its things: a function of what the environment says.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::ConfigError;

/// The places of one household.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Home {
    /// The file `moisson.toml`.
    pub config: PathBuf,
    /// The folder of the user's own connectors.
    pub connectors: PathBuf,
    /// The folder of the archive, the journal and the databases.
    pub data: PathBuf,
}

/// Finds the places: everything in `home` when it is given, the XDG folders otherwise.
///
/// `variable` looks up the environment. As the XDG Base Directory Specification asks, a variable
/// that is empty or not an absolute path counts as unset; `~/.config` and `~/.local/share` stand
/// in for it.
pub fn locate(home: Option<&Path>, variable: &dyn Fn(&str) -> Option<OsString>) -> Result<Home, ConfigError> {
    let (config, data) = match home {
        Some(home) => (home.to_path_buf(), home.to_path_buf()),
        None => (base(variable, "XDG_CONFIG_HOME", ".config")?, base(variable, "XDG_DATA_HOME", ".local/share")?),
    };
    Ok(Home { config: config.join("moisson.toml"), connectors: config.join("connectors"), data })
}

/// The user's own folder of settings, whatever home is given: what must not lie beside the data
/// has a place there.
pub fn settings_folder(variable: &dyn Fn(&str) -> Option<OsString>) -> Result<PathBuf, ConfigError> {
    base(variable, "XDG_CONFIG_HOME", ".config")
}

impl Home {
    /// Whether `moisson.toml` was changed after `file` was made; not when either is missing.
    pub fn has_newer_settings(&self, file: &Path) -> bool {
        let changed = |path: &Path| std::fs::metadata(path).and_then(|data| data.modified()).ok();
        changed(&self.config).zip(changed(file)).is_some_and(|(settings, file)| settings > file)
    }
}

fn base(
    variable: &dyn Fn(&str) -> Option<OsString>,
    name: &'static str,
    fallback: &str,
) -> Result<PathBuf, ConfigError> {
    let folder = |name| variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let base = folder(name).or_else(|| folder("HOME").map(|home| home.join(fallback)));
    base.map(|base| base.join("moisson")).ok_or(ConfigError::NoHome { variable: name })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(home: Option<&str>, variables: &[(&str, &str)]) -> Result<Home, ConfigError> {
        let lookup = |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).into());
        locate(home.map(Path::new), &lookup)
    }

    #[test]
    fn a_given_home_holds_everything() {
        let home = found(Some("here"), &[("HOME", "/home/zoe")]).unwrap();
        assert_eq!(home.config, Path::new("here/moisson.toml"));
        assert_eq!(home.connectors, Path::new("here/connectors"));
        assert_eq!(home.data, Path::new("here"));
    }

    #[test]
    fn xdg_folders_come_before_their_defaults() {
        let home = found(None, &[("HOME", "/home/zoe"), ("XDG_DATA_HOME", "/srv/data")]).unwrap();
        assert_eq!(home.config, Path::new("/home/zoe/.config/moisson/moisson.toml"));
        assert_eq!(home.data, Path::new("/srv/data/moisson"));
    }

    #[test]
    fn relative_and_empty_variables_count_as_unset() {
        let home = found(None, &[("HOME", "/home/zoe"), ("XDG_DATA_HOME", "data"), ("XDG_CONFIG_HOME", "")]).unwrap();
        assert_eq!(home.data, Path::new("/home/zoe/.local/share/moisson"));
        assert!(matches!(found(None, &[]), Err(ConfigError::NoHome { .. })));
    }
}
