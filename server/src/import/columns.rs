//! Which columns each kind of file has, and by which headers they are known. The README lists the same for people.

use std::collections::BTreeMap;

use super::{
    fault::{Fault, ImportCode},
    table::Table,
};

/// What a file holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
pub enum ImportKind {
    /// Shops.
    Outlets,
    /// Products (SKUs).
    Products,
    /// Versions of price lists with their prices.
    PriceLists,
}

/// One column.
#[derive(Debug)]
pub struct ColumnSpec {
    /// Its name; also the first header it is known by.
    pub name: &'static str,
    /// Further headers, English and Chinese.
    pub aliases: &'static [&'static str],
    /// Whether a file must have it.
    pub is_required: bool,
}

const fn required(name: &'static str, aliases: &'static [&'static str]) -> ColumnSpec {
    ColumnSpec { name, aliases, is_required: true }
}

const fn optional(name: &'static str, aliases: &'static [&'static str]) -> ColumnSpec {
    ColumnSpec { name, aliases, is_required: false }
}

const OUTLETS: &[ColumnSpec] = &[
    required("code", &["outlet code", "store code", "编码", "门店编码", "门店代码", "终端编码"]),
    required("name", &["outlet name", "store name", "名称", "门店名称", "店名", "终端名称"]),
    optional("class", &["outlet class", "grade", "等级", "门店等级", "级别", "门店级别"]),
    optional("county", &["county code", "district", "区县", "区县编码", "区县代码"]),
    optional("territory", &["territory code", "责任区", "责任区编码", "片区", "片区编码"]),
    optional("gln", &["gln code", "全球位置码", "位置码"]),
    optional("address", &["street address", "地址", "门店地址", "详细地址"]),
    optional("lat", &["latitude", "纬度"]),
    optional("lon", &["lng", "longitude", "经度"]),
    optional("datum", &["coordinate system", "坐标系", "坐标系统", "基准"]),
    optional("fence_m", &["fence", "geofence m", "围栏", "围栏半径", "围栏半径米"]),
    optional("decision_maker", &["contact", "owner", "决策人", "联系人", "店主", "负责人"]),
    optional("phone", &["telephone", "mobile", "tel", "电话", "联系电话", "手机"]),
    optional("zone", &["time zone", "时区"]),
    optional("is_active", &["active", "启用", "是否启用", "有效"]),
];

const PRODUCTS: &[ColumnSpec] = &[
    required("code", &["product code", "sku", "sku code", "stock code", "编码", "产品编码", "商品编码", "货号"]),
    optional("name", &["product name", "description", "名称", "产品名称", "商品名称", "品名"]),
    optional("name_zh", &["chinese name", "中文名", "中文名称"]),
    optional("name_en", &["english name", "英文名", "英文名称"]),
    optional("gtin", &["ean", "upc", "bar code", "条码", "条形码", "商品条码"]),
    optional("is_hero", &["hero", "主推", "主力机型", "是否主推"]),
    optional("moq", &["minimum order quantity", "minimum quantity", "起订量", "最小起订量"]),
    optional("multiple", &["order multiple", "pack size", "倍数", "订货倍数", "装箱数"]),
    optional("min_retail", &["minimum retail price", "最低零售价", "最低限价"]),
    optional("suggested_retail", &["suggested retail price", "rrp", "msrp", "建议零售价", "指导价"]),
    optional("currency", &["currency code", "币种", "货币"]),
    optional("is_active", &["active", "启用", "是否启用", "在售"]),
];

const PRICE_LISTS: &[ColumnSpec] = &[
    required("code", &["list", "list code", "price list", "price list code", "价目表", "价目表编码", "价格表"]),
    required("product", &["product code", "sku", "sku code", "stock code", "产品编码", "商品编码", "货号"]),
    required("unit_price", &["price", "net price", "单价", "供货价", "价格"]),
    required("currency", &["currency code", "币种", "货币"]),
    required("valid_from", &["from", "start", "start date", "生效日期", "开始日期", "生效时间"]),
    optional("valid_until", &["until", "end", "end date", "失效日期", "结束日期", "失效时间"]),
    optional("dealer", &["dealer code", "customer code", "经销商", "经销商编码"]),
    optional("is_standard", &["standard", "标准", "是否标准", "标准价目表"]),
];

impl ImportKind {
    /// Its columns.
    pub fn columns(self) -> &'static [ColumnSpec] {
        match self {
            Self::Outlets => OUTLETS,
            Self::Products => PRODUCTS,
            Self::PriceLists => PRICE_LISTS,
        }
    }
}

/// Where a file has which column.
#[derive(Debug, Default)]
pub struct ColumnMap {
    places: BTreeMap<&'static str, (usize, String)>,
}

impl ColumnMap {
    /// Finds the columns of a table; headers that name none become warnings.
    ///
    /// # Errors
    /// A fault of the whole file when a required column is missing or a column stands there twice.
    pub fn of(kind: ImportKind, table: &Table) -> Result<(Self, Vec<Fault>), Vec<Fault>> {
        let mut map = Self::default();
        let mut warnings = Vec::new();
        let mut faults = Vec::new();
        for (position, header) in table.headers.iter().enumerate().filter(|(_, header)| !header.is_empty()) {
            let Some(spec) = kind.columns().iter().find(|spec| is_known_as(spec, header)) else {
                warnings.push(Fault::new(ImportCode::ColumnUnknown).with("header", header));
                continue;
            };
            if let Some((_, other)) = map.places.insert(spec.name, (position, header.clone())) {
                faults.push(Fault::new(ImportCode::ColumnTwice).with("header", header).with("other", other));
            }
        }
        let missing: Vec<&str> = kind
            .columns()
            .iter()
            .filter(|spec| spec.is_required && !map.places.contains_key(spec.name))
            .map(|spec| spec.name)
            .collect();
        if !missing.is_empty() {
            faults.push(Fault::new(ImportCode::ColumnMissing).with("columns", missing.join(", ")));
        }
        if faults.is_empty() { Ok((map, warnings)) } else { Err(faults) }
    }

    /// The position and header of a column; `None` when the file does not have it.
    pub fn get(&self, name: &str) -> Option<(usize, &str)> {
        self.places.get(name).map(|(position, header)| (*position, header.as_str()))
    }
}

fn is_known_as(spec: &ColumnSpec, header: &str) -> bool {
    let header = folded(header);
    folded(spec.name) == header || spec.aliases.iter().any(|alias| folded(alias) == header)
}

/// A header without case, width, blanks, underscores, brackets or the star of required columns.
fn folded(header: &str) -> String {
    half_width(header)
        .chars()
        .filter(|character| !character.is_whitespace() && !"_-*()[]:.".contains(*character))
        .flat_map(char::to_lowercase)
        .collect()
}

/// Full-width forms of ASCII characters, which Chinese input methods write, as ASCII.
pub(super) fn half_width(text: &str) -> String {
    text.chars()
        .map(|character| match u32::from(character) {
            0x3000 => ' ',
            wide @ 0xFF01..=0xFF5E => char::from_u32(wide - 0xFEE0).unwrap_or(character),
            _ => character,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum;

    use super::*;

    fn table(headers: &[&str]) -> Table {
        let headers = headers.iter().map(|header| (*header).to_owned()).collect();
        Table { source: String::new(), headers, rows: Vec::new(), strict_width: true }
    }

    #[test]
    fn no_header_names_two_columns_of_a_kind() {
        for kind in ImportKind::value_variants() {
            let mut seen = std::collections::BTreeSet::new();
            for spec in kind.columns() {
                for header in std::iter::once(&spec.name).chain(spec.aliases) {
                    assert!(seen.insert(folded(header)), "{kind:?}: {header}");
                }
            }
        }
    }

    #[test]
    fn every_header_stands_in_the_readme() {
        let readme = include_str!("README.md");
        for kind in ImportKind::value_variants() {
            for spec in kind.columns() {
                for header in std::iter::once(&spec.name).chain(spec.aliases) {
                    assert!(readme.contains(&format!("`{header}`")), "{header}");
                }
            }
        }
    }

    #[test]
    fn headers_are_known_in_any_order_case_and_language() {
        let (map, warnings) =
            ColumnMap::of(ImportKind::Outlets, &table(&["颜色", "＊店名", "Outlet_Code*", "", "LAT"]))
                .expect("columns");
        assert_eq!(map.get("code"), Some((2, "Outlet_Code*")));
        assert_eq!(map.get("name"), Some((1, "＊店名")));
        assert_eq!(map.get("lat"), Some((4, "LAT")));
        assert_eq!(map.get("lon"), None);
        assert_eq!(warnings.len(), 1);
        assert_eq!(warnings[0].params["header"], "颜色");
    }

    #[test]
    fn a_missing_and_a_double_column_are_told_together() {
        let faults = ColumnMap::of(ImportKind::PriceLists, &table(&["sku", "货号", "price"])).expect_err("faults");
        let codes: Vec<ImportCode> = faults.iter().map(|fault| fault.code).collect();
        assert_eq!(codes, [ImportCode::ColumnTwice, ImportCode::ColumnMissing]);
        assert_eq!(faults[1].params["columns"], "code, currency, valid_from");
    }
}
