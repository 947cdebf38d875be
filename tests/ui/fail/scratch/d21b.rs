use l2_adapter::ConfigSection;
const BIG: u8 = 255;
/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    /// A limit.
    #[config(default = BIG + 1)]
    pub overflow: u8,
    /// A limit.
    #[config(default = env!("NO_SUCH_VARIABLE"))]
    pub variable: String,
    /// A limit.
    #[config(default = Self::SIZE)]
    pub size: u8,
    /// A limit.
    pub children: Option<Vec<Self>>,
}
impl Limits { const SIZE: u8 = 4; }
fn main() {}
